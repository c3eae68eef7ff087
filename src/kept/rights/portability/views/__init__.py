"""The pages and addresses of portability."""
