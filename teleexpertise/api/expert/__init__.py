"""What experts do from a program beyond answering: correct, read for a colleague, propose an appointment."""
