# Cortex-M4F: DSP instructions that multiply two pairs of 16-bit numbers.
MACHINE := mps2-an386
CPU := -mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16
KERNEL ?= smlad
MEGAHERTZ := 25
MEMORY := -DFLASH_ORIGIN=0x0 -DRAM_ORIGIN=0x20000000
