"""Harbor Hosting: a company to try Muster with."""
