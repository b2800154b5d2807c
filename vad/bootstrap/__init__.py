"""The only place where objects are built and joined: `web` the application, `upkeep` the worker, on one foundation."""
