"""What the API's serializers and filters of every app share: exact decimals."""
