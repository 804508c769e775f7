"""A real browser before the pages, as a person uses them: by what is written on them."""
