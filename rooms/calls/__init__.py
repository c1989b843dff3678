"""Live call routing: customers call a number and reach who is on call, or leave a message that opens an incident."""
