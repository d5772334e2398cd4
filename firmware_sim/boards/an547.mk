# Cortex-M55: vectors of 128 bits (MVE, "Helium").
MACHINE := mps3-an547
CPU := -mcpu=cortex-m55 -mfloat-abi=hard
KERNEL ?= mve
MEGAHERTZ := 32
MEMORY := -DFLASH_ORIGIN=0x0 -DRAM_ORIGIN=0x20000000
