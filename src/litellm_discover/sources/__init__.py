"""One file for each kind of proxy; only a Catalog comes out of them."""
