# Cortex-M3: no floating-point unit, no DSP instructions.
MACHINE := mps2-an385
CPU := -mcpu=cortex-m3
KERNEL ?= rows
MEGAHERTZ := 25
MEMORY := -DFLASH_ORIGIN=0x0 -DRAM_ORIGIN=0x20000000
