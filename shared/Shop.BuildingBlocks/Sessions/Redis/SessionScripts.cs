using Shop.BuildingBlocks.Redis;

namespace Shop.BuildingBlocks.Sessions;

/// <summary>The steps that Redis takes as one. Each gets the session's key, then the time and the prefix of the customers' keys.</summary>
internal static class SessionScripts
{
    // The fields of a session beside its items: customer, name, created, expires, login, version.
    private const string Common = """
        local session, now, customers = KEYS[1], tonumber(ARGV[1]), ARGV[2]

        -- A session lives while it is not over and its customer's login key still has the value under which it began:
        -- who takes that key away ends them all. A key that is missing, for whatever reason, means logged out.
        local function live()
          local f = redis.call('HMGET', session, 'customer', 'name', 'created', 'expires', 'login', 'version')
          if not f[1] or tonumber(f[4]) <= now or redis.call('GET', customers .. f[1]) ~= f[5] then return nil end
          return {customer = f[1], name = f[2], created = f[3], expires = f[4], version = f[6]}
        end

        local function answer(outcome)
          local fields = redis.call('HGETALL', session)
          local answer = {outcome, redis.call('HGET', session, 'version')}
          for i = 1, #fields, 2 do
            if string.sub(fields[i], 1, 5) == 'item:' then
              answer[#answer + 1] = string.sub(fields[i], 6)
              answer[#answer + 1] = fields[i + 1]
            end
          end
          return answer
        end

        local function changed()
          redis.call('HINCRBY', session, 'version', 1)
          return answer('Changed')
        end

        -- An item is '<quantity>:<version in which it was added>'.
        local function item(sku)
          local value = redis.call('HGET', session, 'item:' .. sku)
          if not value then return nil end
          local quantity, added = string.match(value, '^(%d+):(%d+)$')
          return {quantity = tonumber(quantity), added = added}
        end

        local function put(sku, quantity, added)
          redis.call('HSET', session, 'item:' .. sku, string.format('%.0f:%s', quantity, added))
        end

        """;

    private const string Alive = """
        local s = live()
        if not s then return {'NoSession'} end

        """;

    private const string AliveAndExpected = Alive + """
        if ARGV[3] ~= '' and ARGV[3] ~= s.version then return answer('Stale') end

        """;

    /// <summary>Then the customer's login key; a login value for one who has none, how long both keys may live, and the fields.</summary>
    public static readonly RedisScript Create = new("""
        local session, login = KEYS[1], KEYS[2]
        if redis.call('EXISTS', session) == 1 then return 0 end
        local value, idle, absolute = redis.call('GET', login), tonumber(ARGV[2]), tonumber(ARGV[3])
        if not value then
          value = ARGV[1]
          redis.call('SET', login, value, 'PX', absolute)
        elseif redis.call('PTTL', login) < absolute then
          redis.call('PEXPIRE', login, absolute)
        end
        redis.call('HSET', session, 'customer', ARGV[4], 'name', ARGV[5], 'created', ARGV[6], 'expires', ARGV[7],
          'version', ARGV[6], 'login', value)
        redis.call('PEXPIRE', session, idle)
        return 1
        """);

    public static readonly RedisScript Find = new(Common + """
        local s = live()
        return s and {s.customer, s.name, s.created, s.expires}
        """);

    /// <summary>Then the idle and the absolute timeout.</summary>
    public static readonly RedisScript Touch = new(Common + """
        local s = live()
        if not s then return nil end
        local expires = math.min(now + tonumber(ARGV[3]), tonumber(s.created) + tonumber(ARGV[4]))
        if expires > tonumber(s.expires) then
          s.expires = string.format('%.0f', expires)
          redis.call('HSET', session, 'expires', s.expires)
          redis.call('PEXPIRE', session, expires - now)
        end
        return {s.customer, s.name, s.created, s.expires}
        """);

    public static readonly RedisScript ReadCart = new(Common + Alive + "return answer('Changed')");

    /// <summary>Then the expected version or nothing, the SKU, the quantity, and how many items a cart may have.</summary>
    public static readonly RedisScript PutItem = new(Common + AliveAndExpected + """
        local known = item(ARGV[4])
        if not known and redis.call('HLEN', session) - 6 >= tonumber(ARGV[6]) then return answer('Full') end
        put(ARGV[4], tonumber(ARGV[5]), known and known.added or string.format('%.0f', tonumber(s.version) + 1))
        return changed()
        """);

    /// <summary>Then the expected version or nothing, and the SKU.</summary>
    public static readonly RedisScript RemoveItem = new(Common + AliveAndExpected + """
        if redis.call('HDEL', session, 'item:' .. ARGV[4]) == 0 then return answer('NoSuchItem') end
        return changed()
        """);

    /// <summary>Then the version that was ordered, and SKU and quantity of each item in it.</summary>
    public static readonly RedisScript RemoveOrdered = new(Common + Alive + """
        for i = 4, #ARGV, 2 do
          local known, quantity = item(ARGV[i]), tonumber(ARGV[i + 1])
          -- An item put in after the cart was read is another wish, even for the same SKU.
          if known and tonumber(known.added) <= tonumber(ARGV[3]) then
            if known.quantity > quantity then
              put(ARGV[i], known.quantity - quantity, known.added)
            else
              redis.call('HDEL', session, 'item:' .. ARGV[i])
            end
          end
        end
        return changed()
        """);
}
