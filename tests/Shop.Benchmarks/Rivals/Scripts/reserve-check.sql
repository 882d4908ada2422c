SELECT (SELECT count(*) FROM reservation) || ' ' || (SELECT sum(reserved) FROM stock);
