# SPDX-License-Identifier: Apache-2.0
"""Adding a protocol takes one line in protocols.def and its own new files: proven in a copy of the tree, with a toy
protocol (16 ones, a length, that many bytes, their sum) that is then encoded, modulated, received and printed."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

if os.environ.get("ATALAYA_SANITIZE"):
    print("one build of the copy is enough: skipped under sanitizers")
    sys.exit(77)

source = pathlib.Path(os.environ["ATALAYA_SOURCE_DIR"])

TOY = r"""/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "atalaya/protocol/protocol.h"

struct toy {
    uint32_t shift;
    unsigned bits, wanted; /* of the frame; 0 = hunting for the 16 ones */
    uint64_t first_bit;
    uint8_t frame[64];
    struct message message;
};

static void toy_reset(void *state)
{
    memset(state, 0, sizeof(struct toy));
}

static enum atalaya_result toy_parse(struct message *message)
{
    if (message->raw_length == 0)
        return ATALAYA_E_LENGTH;
    message->kind = MESSAGE_TEXT;
    strcpy(message->unit, "toy-1");
    message->payload_length = message->raw_length;
    return message_add_text(message, "text", message->raw, message->raw_length);
}

static void toy_finish(struct toy *toy, uint64_t end_bit, struct protocol_output *output)
{
    unsigned length = toy->frame[0], sum = 0;
    for (unsigned i = 0; i < length; i++)
        sum += toy->frame[1 + i];
    if ((sum & 255) != toy->frame[1 + length]) {
        output->counts.check++;
        return;
    }
    message_reset(&toy->message, "toy", "toy");
    memcpy(toy->message.raw, toy->frame + 1, length);
    toy->message.raw_length = (uint16_t)length;
    toy->message.first_bit = toy->first_bit;
    toy->message.end_bit = end_bit;
    if (toy_parse(&toy->message) == ATALAYA_OK) {
        output->counts.messages++;
        output->message(output->context, &toy->message);
    }
}

static void toy_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    struct toy *toy = state;
    for (size_t i = 0; i < run->count; i++) {
        unsigned bit = run->soft[i] > 0;
        toy->shift = toy->shift << 1 | bit;
        if (toy->wanted == 0) {
            if ((toy->shift & 0x1ffff) == 0xffff << 1) { /* 16 ones and the zero that ends them */
                toy->wanted = 8;
                toy->bits = 0;
                toy->first_bit = run->first_bit + i;
            }
            continue;
        }
        toy->frame[toy->bits / 8] = (uint8_t)(toy->frame[toy->bits / 8] << 1 | bit);
        if (++toy->bits == 8)
            toy->wanted = toy->frame[0] > 0 && toy->frame[0] <= 60 ? 8u * (toy->frame[0] + 2u) : 0;
        if (toy->bits > 8 && toy->bits == toy->wanted) {
            toy_finish(toy, run->first_bit + i + 1, output);
            toy->wanted = 0;
        }
    }
}

static enum atalaya_result toy_compose(struct message *message)
{
    size_t length;
    const char *text = message_text(message, "text", &length);
    if (!text || length == 0 || length > 60)
        return ATALAYA_E_UNSUPPORTED;
    memcpy(message->raw, text, length);
    message->raw_length = (uint16_t)length;
    return ATALAYA_OK;
}

static size_t put(uint8_t *bits, size_t at, unsigned value, unsigned count)
{
    while (count--)
        bits[at++] = value >> count & 1;
    return at;
}

static size_t toy_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                           size_t max)
{
    size_t n = 0;
    unsigned sum = 0;
    (void)how;
    if (max < 8u * message->raw_length + 200u)
        return 0;
    for (unsigned i = 0; i < 40; i++)
        n = put(bits, n, i & 1, 1);
    n = put(bits, n, 0x1fffe, 18);
    n = put(bits, n, message->raw_length, 8);
    for (unsigned i = 0; i < message->raw_length; i++) {
        sum += message->raw[i];
        n = put(bits, n, message->raw[i], 8);
    }
    n = put(bits, n, sum & 255, 8);
    return put(bits, n, 0x55, 8);
}

const struct protocol protocol_toy = {
    .address_space = "toy",
    .state_size = sizeof(struct toy),
    .reset = toy_reset,
    .execute = toy_execute,
    .parse = toy_parse,
    .compose = toy_compose,
    .transmit = toy_transmit,
};
"""
TEST = r"""/* SPDX-License-Identifier: Apache-2.0 */
int main(void)
{
    return 0;
}
"""
ROW = 'ATALAYA_PROTOCOL(toy, "Toy", "none", "bell202", true)\n'

with tempfile.TemporaryDirectory(prefix="atalaya toy ") as folder:
    tree = pathlib.Path(folder) / "tree"
    shutil.copytree(source, tree, ignore=shutil.ignore_patterns("build", ".git", ".cache"))
    with open(tree / "include/atalaya/protocol/protocols.def", "a", encoding="utf-8") as table:
        table.write(ROW)
    (tree / "protocol/toy").mkdir()
    (tree / "protocol/toy/toy.c").write_text(TOY, encoding="utf-8")
    (tree / "tests/fast/protocol/toy").mkdir()
    (tree / "tests/fast/protocol/toy/test_toy.c").write_text(TEST, encoding="utf-8")

    build = pathlib.Path(folder) / "build"
    run = lambda *words: subprocess.run(words, check=True, capture_output=True, text=True).stdout
    run("cmake", "-S", str(tree), "-B", str(build), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DATALAYA_WERROR=ON")
    run("cmake", "--build", str(build), "--target", "atalaya")
    program = str(build / "atalaya")
    assert "toy" in run(program, "protocols"), "the new row is not printed"
    audio = str(pathlib.Path(folder) / "toy.wav")
    run(program, "encode", "-o", audio, json.dumps({"protocol": "toy", "kind": "text", "text": "hello tower"}))
    heard = [json.loads(line) for line in run(program, "decode", audio).splitlines()]
    assert [(m["protocol"], m["unit"], m["text"]) for m in heard] == [("toy", "toy-1", "hello tower")], heard
print("one line and two files: a protocol")
