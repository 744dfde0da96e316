/* SPDX-License-Identifier: Apache-2.0 */
/* Serial ports, on pseudo-terminals. What these cannot show, the lines RTS and DTR and the speed of a real
 * port, is not proven here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atalaya/gateway/serial.h"
#include "port_bench.h"

static char folder[] = "/tmp/atalaya-serial-XXXXXX";
static char link_path[64];

/* The far end of a new pseudo-terminal, to which link_path leads. */
static int port_make(void)
{
    char name[64];
    int far = far_end_open(0, name, sizeof name);
    (void)unlink(link_path);
    assert_int_equal(symlink(name, link_path), 0);
    return far;
}

static struct serial *port_open(void)
{
    struct serial *serial;
    char why[SERIAL_TEXT_MAX];
    if (serial_open(link_path, 9600, &serial, why) != ATALAYA_OK)
        fail_msg("%s", why);
    return serial;
}

static void every_byte_passes_both_ways(void **state)
{
    uint8_t bytes[256], got[256];
    size_t count = 0, total = 0;
    (void)state;
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    int far = port_make();
    struct serial *serial = port_open();
    assert_int_equal(write(far, bytes, sizeof bytes), 256);
    while (total < 256) {
        assert_int_equal(serial_read(serial, got + total, sizeof got - total, &count), ATALAYA_OK);
        total += count;
    }
    assert_memory_equal(got, bytes, 256);
    assert_int_equal(serial_write(serial, bytes, sizeof bytes, &count), ATALAYA_OK);
    assert_int_equal(count, 256);
    for (total = 0; total < 256;) {
        ssize_t more = read(far, got + total, sizeof got - total);
        assert_true(more > 0);
        total += (size_t)more;
    }
    assert_memory_equal(got, bytes, 256);
    serial_close(serial);
    assert_int_equal(close(far), 0);
}

static void nothing_waits(void **state)
{
    static const uint8_t bytes[65536];
    uint8_t got;
    size_t count;
    (void)state;
    int far = port_make();
    struct serial *serial = port_open();
    assert_int_equal(serial_read(serial, &got, 1, &count), ATALAYA_OK);
    assert_int_equal(count, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(serial_write(serial, bytes, sizeof bytes, &count), ATALAYA_OK);
    assert_int_equal(count, 0); /* full, and said so */
    serial_close(serial);
    assert_int_equal(close(far), 0);
}

static void a_hang_up_is_told_from_silence(void **state)
{
    uint8_t byte = 1;
    size_t count;
    (void)state;
    int far = port_make();
    struct serial *serial = port_open();
    assert_true(serial_is_present(serial));
    assert_int_equal(unlink(link_path), 0);
    assert_false(serial_is_present(serial));
    assert_int_equal(close(far), 0);
    assert_int_equal(serial_read(serial, &byte, 1, &count), ATALAYA_E_GONE);
    assert_int_equal(serial_write(serial, &byte, 1, &count), ATALAYA_E_GONE);
    serial_close(serial);
}

static void a_renewed_link_to_another_port_is_noticed(void **state)
{
    (void)state;
    int far = port_make();
    struct serial *serial = port_open();
    int other = port_make();
    assert_false(serial_is_present(serial));
    serial_close(serial);
    assert_int_equal(close(far), 0);
    assert_int_equal(close(other), 0);
}

static void a_port_has_one_user(void **state)
{
    struct serial *serial, *second;
    char why[SERIAL_TEXT_MAX];
    (void)state;
    int far = port_make();
    serial = port_open();
    assert_int_equal(serial_open(link_path, 9600, &second, why), ATALAYA_E_FULL);
    assert_null(second);
    assert_non_null(strstr(why, "busy"));
    /* Being refused must not undo the first one's hold. Emulators of a process cannot tell. */
    int exclusive = 0;
    bool told = ioctl(serial_descriptor(serial), TIOCGEXCL, &exclusive) == 0;
    assert_true(told ? exclusive : errno == ENOSYS);
    serial_close(serial);
    serial_close(port_open());
    assert_int_equal(close(far), 0);
}

static void refuse(const char *path, unsigned speed_bit_s, enum atalaya_result result, const char *reason)
{
    struct serial *serial;
    char why[SERIAL_TEXT_MAX];
    assert_int_equal(serial_open(path, speed_bit_s, &serial, why), result);
    assert_null(serial);
    if (strstr(why, reason) == NULL)
        fail_msg("'%s' does not say '%s'", why, reason);
}

static void what_is_no_port_is_refused_with_a_reason(void **state)
{
    char path[128];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/missing", folder);
    refuse(path, 9600, ATALAYA_E_GONE, "plugged in");
    refuse(folder, 9600, ATALAYA_E_FORMAT, "not a serial port");
    refuse("/dev/null", 9600, ATALAYA_E_FORMAT, "not a serial port");
    refuse("/dev/ptmx", 9600, ATALAYA_E_FORMAT, "not a serial port");
    refuse("", 9600, ATALAYA_E_ARGUMENT, "needs a path");
    int far = port_make();
    refuse(link_path, 0, ATALAYA_E_ARGUMENT, "speed");
    refuse(link_path, 12345, ATALAYA_E_RANGE, "12345 bit/s");
    assert_int_equal(close(far), 0);
}

static void permission_is_told_apart(void **state)
{
    struct serial *serial;
    char why[SERIAL_TEXT_MAX], name[64];
    (void)state;
    int far = port_make();
    assert_int_equal(ptsname_r(far, name, sizeof name), 0);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(chmod(name, 0), 0);
    bool root = geteuid() == 0;
    if (root)
        assert_int_equal(seteuid(65534), 0);
    enum atalaya_result result = serial_open(link_path, 9600, &serial, why);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(result, ATALAYA_E_DENIED);
    assert_non_null(strstr(why, "dialout"));
    assert_int_equal(close(far), 0);
}

static int folder_make(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    return snprintf(link_path, sizeof link_path, "%s/tnc", folder) < 0;
}

static int folder_remove(void **state)
{
    (void)state;
    (void)unlink(link_path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_passes_both_ways),
        cmocka_unit_test(nothing_waits),
        cmocka_unit_test(a_hang_up_is_told_from_silence),
        cmocka_unit_test(a_renewed_link_to_another_port_is_noticed),
        cmocka_unit_test(a_port_has_one_user),
        cmocka_unit_test(what_is_no_port_is_refused_with_a_reason),
        cmocka_unit_test(permission_is_told_apart),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
