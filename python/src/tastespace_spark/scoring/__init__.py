"""The engine in a Node process, for each Python worker of Spark."""
