"""Ways to reach somebody; each folder holds all there is of one provider, and deleting it deletes its channels."""
