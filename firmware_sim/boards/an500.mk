# Cortex-M7: the instructions of the M4F, two at a time.
MACHINE := mps2-an500
CPU := -mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-sp-d16
KERNEL ?= smlad
MEGAHERTZ := 25
MEMORY := -DFLASH_ORIGIN=0x0 -DRAM_ORIGIN=0x20000000
