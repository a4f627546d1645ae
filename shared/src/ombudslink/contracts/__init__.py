"""The contracts as files for others: schemas, AsyncAPI and state tables, made from the code."""
