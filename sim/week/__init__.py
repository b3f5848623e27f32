"""A working week of an office in virtual time: hundreds of visits, judged by what people really did."""
