service_prefix "" { policy = "write" }
node_prefix "" { policy = "read" }
agent_prefix "" { policy = "read" }
session_prefix "" { policy = "write" }
key_prefix "config/" { policy = "read" }
key_prefix "shop/" { policy = "write" }
