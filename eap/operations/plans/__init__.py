"""What happens to a plan and its versions, one verb a file."""
