"""Takes orders, keeps them in PostgreSQL and tells the others through RabbitMQ."""
