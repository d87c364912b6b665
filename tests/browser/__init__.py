"""The checks in a real browser; `page` speaks with it, each other module is a check of its own."""
