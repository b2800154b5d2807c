"""Mail: what a message says, and a real mail server that takes it."""
