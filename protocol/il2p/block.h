/* SPDX-License-Identifier: Apache-2.0 */
/* IL2P's scrambler, the division of a payload into Reed-Solomon blocks, and the trailing CRC (draft 0.6). */
#ifndef ATALAYA_PROTOCOL_IL2P_BLOCK_H
#define ATALAYA_PROTOCOL_IL2P_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IL2P_CRC_SIZE = 4, IL2P_CHECK_MAX = 16 };

struct il2p_layout {
    size_t blocks, large; /* the first `large` of them hold one octet more */
    size_t small_size;    /* data octets of the others */
    uint8_t roots;        /* check octets of each */
};

/* payload: at most 1023 octets; none has no blocks. */
struct il2p_layout il2p_layout_make(size_t payload, bool most_check);
/* Data octets of block n. */
size_t il2p_layout_data(const struct il2p_layout *layout, size_t n);
/* Octets on air. */
size_t il2p_layout_size(const struct il2p_layout *layout, size_t payload);

/* In place; every block begins anew. */
void il2p_scramble(uint8_t *octets, size_t length);
void il2p_descramble(uint8_t *octets, size_t length);

void il2p_crc_write(uint16_t crc, uint8_t octets[IL2P_CRC_SIZE]);
/* Nibbles with single bit errors corrected. *exact: how many of the octets were right as they are. */
uint16_t il2p_crc_read(const uint8_t octets[IL2P_CRC_SIZE], unsigned *exact);

#endif
