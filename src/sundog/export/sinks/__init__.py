"""Where streamed rows go: standard output and files, MQTT, Kafka."""
