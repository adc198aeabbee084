"""What is wrong with a series, told from the attributes of its objects: complete, consistent, valid, not there twice."""
