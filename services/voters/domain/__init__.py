"""The rules of polling areas and voter lists: who is on, with which right, and what a file must hold."""
