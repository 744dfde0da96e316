/* SPDX-License-Identifier: Apache-2.0 */
/* A message as JSON, as `encode` and commands take it: refused with a reason, or understood; and what was
 * understood is written such that reading it again changes nothing. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../gateway/json_names.h"
#include "atalaya/gateway/json.h"
#include "atalaya/protocol/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *write_line(const struct message *message)
{
    json_t *json = json_from_message(message);
    char *line = json_dumps(json, JSON_LINE_FLAGS | JSON_SORT_KEYS);
    assert(line);
    json_decref(json);
    return line;
}

static void read_again(const char *line)
{
    static struct message again;
    char why[200] = "";
    json_t *json = json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    assert(json);
    assert(json_to_message(json, &again, why, sizeof why) == ATALAYA_OK);
    char *same = write_line(&again);
    assert(strcmp(line, same) == 0);
    free(same);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct message message;
    char why[200] = "";
    json_names_reset();
    json_t *json = json_loadb((const char *)data, size, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
    if (!json)
        return 0;
    if (json_to_message(json, &message, why, sizeof why) != ATALAYA_OK) {
        assert(*why && memchr(why, 0, sizeof why));
    } else {
        char *line = write_line(&message);
        read_again(line);
        free(line);
    }
    json_decref(json);
    return 0;
}
