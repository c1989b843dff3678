"""One file with everything: written from one snapshot while Muster works, restored in one transaction."""
