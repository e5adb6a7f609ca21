"""What an author does with a paper that has been read: marks in a copy, a cache, a watch."""
