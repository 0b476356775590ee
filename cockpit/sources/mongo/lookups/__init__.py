"""What a MongoDB is asked when a person opens a sheet: newest documents, those that are stuck, those there twice."""
