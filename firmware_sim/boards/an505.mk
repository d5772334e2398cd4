# Cortex-M33 with floating point and DSP, in its secure state.
MACHINE := mps2-an505
CPU := -mcpu=cortex-m33 -mfloat-abi=hard -mfpu=fpv5-sp-d16
KERNEL ?= smlad
MEGAHERTZ := 20
MEMORY := -DFLASH_ORIGIN=0x10000000 -DRAM_ORIGIN=0x38000000
