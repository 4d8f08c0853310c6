"""Sensor streams: a signal, the sensor that reads it, the network that carries the readings, and labelled faults."""
