/* CRC-32, as zlib and Ethernet have it: finds every flip of up to three bits in a model, and every burst of 32. */
#ifndef KWS_CHECKSUM_H
#define KWS_CHECKSUM_H

#include <stdint.h>

uint32_t kws_checksum(const void *content, uint32_t size);

#endif
