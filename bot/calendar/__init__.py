"""Calendar files of hearings."""
