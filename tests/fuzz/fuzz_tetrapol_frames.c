/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of TETRAPOL that random bits never reach, each from what the one below may hand it: the input is
 * a list of frames with right codes and any contents, some of them damaged, lost or at another place, and the
 * alarm pattern between them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../protocol/tetrapol/blocks.h"
#include "../../protocol/tetrapol/search.h"
#include "atalaya/protocol/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEP = 11, FRAMES_MAX = 64, FRAME = TETRAPOL_FRAME_BITS };

/* One step of the input: what to do, a parameter, and a frame's block. */
struct step {
    uint8_t what, how, fn_asb, block[TETRAPOL_BLOCK_BYTES];
};

enum what { DATA, VOICE, LOST, PATTERN, DAMAGED, SLIPPED, FCS, OTHER_CHANNEL, WHATS };

static int8_t soft[FRAMES_MAX * (FRAME + 8)];
static size_t soft_count;
static struct tetrapol_channel channel;

static void on_message(void *context, const struct message *message)
{
    (void)context;
    assert(message->first_bit < message->end_bit && message->end_bit <= soft_count);
    assert(memchr(message->unit, 0, sizeof message->unit));
    assert(message->raw_length <= TETRAPOL_LINK_MAX);
    assert(message->distress == DISTRESS_NONE ||
           message->unit[0] != '\0'); /* nobody's alarm is no distress */
}

static void bits_add(const uint8_t *line, int8_t sure)
{
    for (unsigned i = 0; i < FRAME; i++)
        soft[soft_count++] = (int8_t)(line[i] ? sure : -sure);
}

static void step_add(const struct step *step)
{
    uint8_t line[FRAME], speech[TETRAPOL_VOICE_BITS] = {0};
    struct tetrapol_channel other = {(enum tetrapol_band)(step->how & 1), step->how % TETRAPOL_SCR_COUNT};
    const struct tetrapol_channel *on = step->what % WHATS == OTHER_CHANNEL ? &other : &channel;
    tetrapol_frame_write_data(step->block, step->fn_asb & 3, step->fn_asb >> 2 & 3, on, line);
    switch (step->what % WHATS) {
    case VOICE:
        for (unsigned i = 0; i < 64; i++)
            speech[i] = step->block[i / 8] >> i % 8 & 1;
        tetrapol_frame_write_voice(speech, step->fn_asb & 3, on, line);
        break;
    case LOST:
        for (unsigned i = 0; i < FRAME; i++)
            line[i] = step->block[i % 8] >> (i / 8 + step->how) % 8 & 1;
        break;
    case PATTERN:
        for (unsigned i = 0; i < FRAME; i++)
            line[i] = 0x5a0f >> (15 - (i + step->how) % 16) & 1;
        break;
    case DAMAGED:
        for (unsigned i = 0; i < step->how % 32U; i++)
            line[(step->fn_asb + 37 * i * i) % FRAME] ^= 1;
        break;
    case SLIPPED:
        soft_count += step->how % 8U;
        break;
    default:
        break;
    }
    bits_add(line, (int8_t)(step->what / WHATS + 90));
}

/* A whole layer-2 frame of the bytes that follow. */
static void link_add(const struct step *step, const uint8_t *bytes, size_t size)
{
    struct tetrapol_block block[TETRAPOL_BLOCKS_MAX];
    uint8_t line[FRAME];
    size_t length = 6 + 8 * (size_t)(step->how % 7);
    if (length > size)
        return;
    assert(tetrapol_blocks_fits(length));
    unsigned n = tetrapol_blocks_split(bytes, length, block);
    assert(n <= TETRAPOL_BLOCKS_MAX);
    for (unsigned i = 0; i < n && soft_count + FRAME <= sizeof soft; i++) {
        tetrapol_frame_write_data(block[i].byte, block[i].fn, step->fn_asb & 3, &channel, line);
        bits_add(line, 100);
    }
}

static void through_the_row(void)
{
    static void *state;
    const struct protocol *protocol = protocol_find("tetrapol")->protocol;
    struct protocol_output output = {.message = on_message};
    if (!state)
        state = malloc(protocol->state_size);
    assert(state);
    protocol->reset(state);
    for (size_t at = 0; at < soft_count; at += FRAME) {
        size_t count = soft_count - at < FRAME ? soft_count - at : FRAME;
        const struct soft_run run = {.soft = soft + at, .count = count, .first_bit = at};
        protocol->execute(state, &run, &output);
    }
}

/* The blocks alone, with any numbers in any order. */
static void through_the_blocks(const uint8_t *data, size_t size)
{
    struct tetrapol_blocks blocks;
    struct tetrapol_link_frame made;
    tetrapol_blocks_reset(&blocks);
    for (size_t i = 0; i + 2 < size; i += 2) {
        struct tetrapol_frame frame = {.is_data = true, .good = data[i] & 1, .fn = data[i] >> 1 & 3};
        memset(frame.block, data[i + 1], sizeof frame.block);
        enum tetrapol_blocks_result result = tetrapol_blocks_push(&blocks, &frame, &made);
        assert(blocks.count <= TETRAPOL_BLOCKS_MAX);
        assert(result != TETRAPOL_BLOCKS_FRAME || made.length <= TETRAPOL_LINK_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    memset(soft, 0, sizeof soft);
    soft_count = data[1] & 127;
    channel = (struct tetrapol_channel){(enum tetrapol_band)(data[0] >> 7), data[0] & 127};
    through_the_blocks(data + 2, size - 2);
    for (size_t at = 2; at + STEP <= size && soft_count + 2 * FRAME <= sizeof soft; at += STEP) {
        struct step step;
        memcpy(&step, data + at, STEP);
        if (step.what % WHATS == FCS)
            link_add(&step, data + at + 3, size - at - 3);
        else
            step_add(&step);
    }
    through_the_row();
    return 0;
}
