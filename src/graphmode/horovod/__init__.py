"""What a program finds as `horovod`."""
