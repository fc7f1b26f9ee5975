"""What a coordinator does from a program: steer a request by hand, open what it says with a reason."""
