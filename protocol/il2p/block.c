/* SPDX-License-Identifier: Apache-2.0 */
#include "block.h"

#include "atalaya/protocol/ones.h"

enum {
    DATA_MOST_CHECK = 239, /* octets in a block with 16 check octets */
    DATA_FEW_CHECK = 247
};

/* Code words of Hamming(7,4), data in the low nibble. */
static const uint8_t hamming[16] = {0x00, 0x71, 0x62, 0x13, 0x54, 0x25, 0x36, 0x47,
                                    0x38, 0x49, 0x5a, 0x2b, 0x6c, 0x1d, 0x0e, 0x7f};

struct il2p_layout il2p_layout_make(size_t payload, bool most_check)
{
    struct il2p_layout layout = {0};
    size_t most = most_check ? DATA_MOST_CHECK : DATA_FEW_CHECK;
    if (payload == 0)
        return layout;
    layout.blocks = (payload + most - 1) / most;
    layout.small_size = payload / layout.blocks;
    layout.large = payload - layout.blocks * layout.small_size;
    layout.roots = IL2P_CHECK_MAX;
    if (!most_check) /* 2 up to 61 octets, 4 up to 123, 6 up to 185, 8 up to 247 */
        layout.roots = (uint8_t)(2 * (1 + (layout.small_size > 61) + (layout.small_size > 123) +
                                      (layout.small_size > 185)));
    return layout;
}

size_t il2p_layout_data(const struct il2p_layout *layout, size_t n)
{
    return layout->small_size + (n < layout->large);
}

size_t il2p_layout_size(const struct il2p_layout *layout, size_t payload)
{
    return payload + layout->blocks * layout->roots;
}

/* Self-synchronising, 1 + x^4 + x^9 over the bits on air, before which nine ones are thought. */
static void scrambler_run(uint8_t *octets, size_t length, bool transmit)
{
    unsigned sent = 0x1ff;
    for (size_t i = 0; i < 8 * length; i++) {
        unsigned shift = 7 - i % 8, in = octets[i / 8] >> shift & 1U, mix = (sent >> 3 ^ sent >> 8) & 1;
        octets[i / 8] ^= (uint8_t)(mix << shift);
        sent = sent << 1 | (transmit ? in ^ mix : in);
    }
}

void il2p_scramble(uint8_t *octets, size_t length)
{
    scrambler_run(octets, length, true);
}

void il2p_descramble(uint8_t *octets, size_t length)
{
    scrambler_run(octets, length, false);
}

void il2p_crc_write(uint16_t crc, uint8_t octets[IL2P_CRC_SIZE])
{
    for (unsigned i = 0; i < IL2P_CRC_SIZE; i++)
        octets[i] = hamming[crc >> (12 - 4 * i) & 15];
}

uint16_t il2p_crc_read(const uint8_t octets[IL2P_CRC_SIZE], unsigned *exact)
{
    unsigned crc = 0;
    *exact = 0;
    for (unsigned i = 0; i < IL2P_CRC_SIZE; i++) {
        unsigned best = 0;
        for (unsigned n = 1; n < 16; n++)
            if (ones_count((hamming[n] ^ octets[i]) & 0x7f) < ones_count((hamming[best] ^ octets[i]) & 0x7f))
                best = n;
        *exact += hamming[best] == octets[i];
        crc = crc << 4 | best;
    }
    return (uint16_t)crc;
}
