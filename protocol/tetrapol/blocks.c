/* SPDX-License-Identifier: Apache-2.0 */
#include "blocks.h"

#include <string.h>

#include "atalaya/protocol/crc.h"

void tetrapol_blocks_reset(struct tetrapol_blocks *blocks)
{
    blocks->count = 0;
}

/* FN of block i of n. */
static uint8_t fn_of(unsigned i, unsigned n)
{
    if (n == 1)
        return 0;
    if (n == 2)
        return i == 0 ? 1 : 3;
    if (i == 0 || i == n - 1)
        return 1;
    return i == 1 || i == n - 2 ? 2 : 3;
}

/* UI to nobody, with a sequence s[i] = s[i-3] ^ s[i-5] of any phase in its last 40 bits (PAS 0001-3-3 clause
 * 7.4.1.9), here from its end. Where the sequence starts over, a few places do not fit. */
static bool is_idle(const uint8_t *byte, size_t length)
{
    enum { PATTERN_BITS = 40, ODD_MAX = 5, UI = 0x03, POLL_MASK = 0xef };
    const uint8_t *pattern = byte + length - PATTERN_BITS / 8;
    unsigned odd = 0, window = 0;
    if (length < 8 || byte[0] != 0x70 || byte[1] != 0x00 || (byte[2] & POLL_MASK) != UI)
        return false;
    for (unsigned i = 0; i < PATTERN_BITS; i++) {
        window = window << 1 | (pattern[i / 8] >> (7 - i % 8) & 1);
        odd += i >= 5 && ((window ^ window >> 2 ^ window >> 5) & 1);
    }
    return odd <= ODD_MAX;
}

/* Does the list have the numbers of n blocks, one of them lost at most? */
static bool is_whole(const struct tetrapol_blocks *blocks, unsigned n, unsigned *lost)
{
    *lost = n;
    for (unsigned i = 0; i < n; i++) {
        const struct tetrapol_block *block = &blocks->block[i];
        if (block->good && block->fn != fn_of(i, n))
            return false;
        if (block->good)
            continue;
        if (*lost < n)
            return false;
        *lost = i;
    }
    return true;
}

static void rebuild(struct tetrapol_blocks *blocks, unsigned n, unsigned lost)
{
    uint8_t sum[TETRAPOL_BLOCK_BYTES] = {0};
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < TETRAPOL_BLOCK_BYTES && i != lost; k++)
            sum[k] ^= blocks->block[i].byte[k];
    memcpy(blocks->block[lost].byte, sum, sizeof sum);
}

static enum tetrapol_blocks_result finish(struct tetrapol_blocks *blocks, unsigned lost,
                                          struct tetrapol_link_frame *made)
{
    unsigned n = blocks->count, data = n > 2 ? n - 1 : n;
    memset(made, 0, sizeof *made);
    if (lost < data)
        rebuild(blocks, n, lost);
    for (unsigned i = 0; i < n; i++)
        made->corrected += blocks->block[i].corrected;
    for (unsigned i = 0; i < data; i++)
        memcpy(made->byte + i * TETRAPOL_BLOCK_BYTES, blocks->block[i].byte, TETRAPOL_BLOCK_BYTES);
    made->length = (size_t)data * TETRAPOL_BLOCK_BYTES;
    made->blocks = n;
    made->asb = blocks->block[lost == 0 ? 1 : 0].asb;
    made->rebuilt = lost < data;
    blocks->count = 0;
    size_t checked = made->length - TETRAPOL_FCS_BYTES;
    uint16_t fcs = (uint16_t)(made->byte[checked] | made->byte[checked + 1] << 8);
    bool holds = crc16_x25(made->byte, checked) == fcs;
    made->idle = !holds && is_idle(made->byte, made->length);
    return holds || made->idle ? TETRAPOL_BLOCKS_FRAME : TETRAPOL_BLOCKS_CHECK;
}

static void append(struct tetrapol_blocks *blocks, const struct tetrapol_frame *frame)
{
    struct tetrapol_block *block = &blocks->block[blocks->count++];
    *block = (struct tetrapol_block){
        .good = frame->good, .fn = frame->fn, .asb = frame->asb, .corrected = frame->corrected};
    memcpy(block->byte, frame->block, sizeof block->byte);
    if (!frame->good)
        block->corrected = 0;
}

/* May the list go on as a multiblock that is not at its end? */
static bool may_go_on(const struct tetrapol_blocks *blocks)
{
    unsigned lost = 0;
    for (unsigned i = 0; i < blocks->count; i++) {
        const struct tetrapol_block *block = &blocks->block[i];
        lost += !block->good;
        bool fits = i == 0 ? block->fn == 1 : i == 1 ? block->fn == 2 : block->fn == 2 || block->fn == 3;
        if (block->good && !fits)
            return false;
    }
    return lost <= 1;
}

static enum tetrapol_blocks_result push_lost(struct tetrapol_blocks *blocks,
                                             const struct tetrapol_frame *frame,
                                             struct tetrapol_link_frame *made)
{
    unsigned lost;
    append(blocks, frame);
    if (blocks->count >= TETRAPOL_BLOCKS_MULTI_MIN && blocks->block[blocks->count - 2].good &&
        blocks->block[blocks->count - 2].fn == 2 && is_whole(blocks, blocks->count, &lost))
        return finish(blocks, lost, made); /* the parity block is what was lost */
    if (!may_go_on(blocks)) {
        blocks->count = 0;
        append(blocks, frame); /* a multiblock may begin with it */
    }
    return TETRAPOL_BLOCKS_MORE;
}

enum tetrapol_blocks_result tetrapol_blocks_push(struct tetrapol_blocks *blocks,
                                                 const struct tetrapol_frame *frame,
                                                 struct tetrapol_link_frame *made)
{
    unsigned lost;
    if (blocks->count == TETRAPOL_BLOCKS_MAX)
        blocks->count = 0;
    if (!frame->good)
        return push_lost(blocks, frame, made);
    append(blocks, frame);
    unsigned n = blocks->count;
    bool pair = n == 2 && blocks->block[0].good;
    if ((n == 1 || pair || n >= TETRAPOL_BLOCKS_MULTI_MIN) && is_whole(blocks, n, &lost))
        return finish(blocks, lost, made);
    if (may_go_on(blocks))
        return TETRAPOL_BLOCKS_MORE;
    if (n == 1) {
        blocks->count = 0;
        return TETRAPOL_BLOCKS_MORE;
    }
    blocks->count = 0; /* this one may begin another */
    append(blocks, frame);
    if (is_whole(blocks, 1, &lost))
        return finish(blocks, lost, made);
    if (!may_go_on(blocks))
        blocks->count = 0;
    return TETRAPOL_BLOCKS_MORE;
}

bool tetrapol_blocks_fits(size_t length)
{
    size_t whole = length + TETRAPOL_FCS_BYTES;
    return whole % TETRAPOL_BLOCK_BYTES == 0 && length > 0 && whole <= TETRAPOL_LINK_MAX;
}

unsigned tetrapol_blocks_split(const uint8_t *bytes, size_t length,
                               struct tetrapol_block block[TETRAPOL_BLOCKS_MAX])
{
    uint8_t whole[TETRAPOL_LINK_MAX] = {0};
    uint16_t fcs = crc16_x25(bytes, length);
    memcpy(whole, bytes, length);
    whole[length] = (uint8_t)(fcs & 0xff);
    whole[length + 1] = (uint8_t)(fcs >> 8);
    unsigned data = (unsigned)(length + TETRAPOL_FCS_BYTES) / TETRAPOL_BLOCK_BYTES;
    unsigned n = data > 2 ? data + 1 : data;
    memset(block, 0, n * sizeof *block);
    for (unsigned i = 0; i < n; i++) {
        block[i].fn = fn_of(i, n);
        block[i].good = true;
        for (unsigned k = 0; k < TETRAPOL_BLOCK_BYTES && i < data; k++) {
            block[i].byte[k] = whole[i * TETRAPOL_BLOCK_BYTES + k];
            if (n > data)
                block[n - 1].byte[k] ^= block[i].byte[k];
        }
    }
    return n;
}
