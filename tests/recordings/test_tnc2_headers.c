/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of packets that others collected: those that their expected decode calls bad, and no others, are
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "../../protocol/ax25/tnc2.h"

static FILE *packets;

static size_t unhex(const char *hex, uint8_t *bytes, size_t max)
{
    size_t length = 0;
    unsigned octet;
    for (; length < max && sscanf(hex + 2 * length, "%2x", &octet) == 1; length++)
        bytes[length] = (uint8_t)octet;
    return length;
}

static void bad_headers_and_no_others_are_refused(void **state)
{
    (void)state;
    static char line[65536];
    unsigned seen = 0, refused = 0;
    while (fgets(line, sizeof line, packets)) {
        uint8_t packet[2048];
        struct tnc2_header header;
        size_t offset = 0;
        json_t *row = json_loads(line, JSON_ALLOW_NUL, NULL);
        assert_non_null(row);
        const char *code = json_string_value(json_object_get(json_object_get(row, "decoded"), "resultcode"));
        size_t length = unhex(json_string_value(json_object_get(row, "packet_hex")), packet, sizeof packet);
        bool bad = code && strstr(code, "call_");
        enum atalaya_result result = tnc2_parse_header(packet, length, &header, &offset);
        if ((result != ATALAYA_OK) != bad)
            fail_msg("%s: %.*s", atalaya_result_text(result), (int)length, (const char *)packet);
        seen++;
        refused += result != ATALAYA_OK;
        json_decref(row);
    }
    assert_true(seen > 0);
    print_message("%u headers, %u refused\n", seen, refused);
}

int main(void)
{
    char path[1024];
    const char *folder = getenv("ATALAYA_RECORDINGS");
    (void)snprintf(path, sizeof path, "%s/aprs-packets/packets.jsonl", folder ? folder : "");
    packets = fopen(path, "r");
    if (!packets) {
        printf("skipped: %s cannot be read; set ATALAYA_RECORDINGS\n", path);
        return 77;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(bad_headers_and_no_others_are_refused)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)fclose(packets);
    return failed;
}
