"""What a requester does from a program: write a request, send it, answer the expert, close the loop."""
