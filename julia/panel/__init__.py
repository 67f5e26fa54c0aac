"""The panel: the admin's index page, where Julia is seen, stopped, explained and grown from a browser."""
