/* SPDX-License-Identifier: Apache-2.0 */
/* What a broker may send to `atalaya listen --host`: a topic, a line end, a payload. The screen that comes of
 * it bears no control character but our own colours. */
#include <assert.h>
#include <string.h>

#include "../../gateway/listen/remote.h"
#include "../../gateway/listen/screen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *text)
{
    for (size_t i = 0; text[i]; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '\033')
            assert(text[i + 1] == '[');
        assert(byte >= 0x20 || byte == '\033');
        assert(byte != 0x7f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct listen_model model;
    static struct screen screen;
    const uint8_t *end = memchr(data, '\n', size < 200 ? size : 200);
    char topic[201], line[LISTEN_TEXT_MAX] = "";
    if (!end)
        return 0;
    memcpy(topic, data, (size_t)(end - data));
    topic[end - data] = '\0';
    listen_reset(&model);
    for (int many = 0; many < 2; many++)
        if (listen_hear_document(&model, many, topic, end + 1, size - (size_t)(end - data) - 1, line))
            check_line(line);
    screen_draw(&screen, &model, 24, 80, false, true);
    assert(screen.rows == 24);
    for (unsigned i = 0; i < screen.rows; i++)
        check_line(screen.line[i]);
    return 0;
}
