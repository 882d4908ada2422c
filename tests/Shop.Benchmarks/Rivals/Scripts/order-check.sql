SELECT (SELECT count(*) FROM orders WHERE status = 1)
    || ' ' || (SELECT count(*) FROM reservation)
    || ' ' || (SELECT sum(reserved) FROM stock)
    || ' ' || (SELECT count(*) FROM payment)
    || ' ' || (SELECT sum(1000000000000 - balance) / 100 FROM wallet);
