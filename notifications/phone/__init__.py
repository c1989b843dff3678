"""What calls and texts have in common, whichever carrier takes them: a carrier's folder holds the rest."""
