"""Template tags of the incidents."""
