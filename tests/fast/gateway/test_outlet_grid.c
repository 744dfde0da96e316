/* SPDX-License-Identifier: Apache-2.0 */
/* A coarse place is the same for every point of its cell, never farther from the truth than it says, and its
 * cell is nowhere smaller than asked: at the equator, at the poles, at the date line, for any size. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../../gateway/outlet/grid.h"

static const double degrees = 0.017453292519943295, radius_m = 6371008.8;

static double distance_m(double lat, double lon, double to_lat, double to_lon)
{
    double dlat = (to_lat - lat) * degrees, dlon = (to_lon - lon) * degrees;
    double a = pow(sin(dlat / 2), 2) + cos(lat * degrees) * cos(to_lat * degrees) * pow(sin(dlon / 2), 2);
    return 2 * radius_m * asin(fmin(1, sqrt(a)));
}

static double uniform(double low, double high)
{
    static uint64_t state = 88172645463325252U;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static const double sizes[] = {1, 50, 1000, 5000, 77777, 1000000};

static void the_truth_is_within_what_it_says(void **unused)
{
    (void)unused;
    for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (unsigned i = 0; i < 20000; i++) {
            double lat = i % 3 ? uniform(-90, 90) : uniform(31, 32), lon = uniform(-180, 180);
            double to_lat = lat, to_lon = lon, error_m = grid_snap(sizes[s], &to_lat, &to_lon);
            assert_true(fabs(to_lat) <= 90 && fabs(to_lon) <= 180);
            /* 0.6 %: a sphere stands for the ellipsoid here */
            assert_true(distance_m(lat, lon, to_lat, to_lon) <= error_m * 1.006 + 0.01);
            assert_true(error_m < 1.6 * sizes[s] || sizes[s] > 5000 || fabs(lat) > 85);
        }
}

static void repeats_and_the_middle_itself_tell_the_same(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < 20000; i++) {
        double lat = uniform(-89, 89), lon = uniform(-180, 180), size = sizes[i % 5];
        (void)grid_snap(size, &lat, &lon);
        double again_lat = lat, again_lon = lon;
        (void)grid_snap(size, &again_lat, &again_lon);
        assert_true(again_lat == lat && again_lon == lon);
        /* what lies a third of a cell beside the middle tells nothing else */
        double beside_lat = lat + 0.33 * size / 111700, beside_lon = lon + 0.33 * size / 111700;
        (void)grid_snap(size, &beside_lat, &beside_lon);
        assert_true(beside_lat == lat);
        assert_true(beside_lon == lon || fabs(lon) > 170);
    }
}

static void no_cell_is_smaller_than_asked(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < 2000; i++) {
        double size = sizes[1 + i % 3], lat = uniform(-85, 85), lon = uniform(-179, 170);
        (void)grid_snap(size, &lat, &lon);
        double step = size / 2000 / 111700 / cos(lat * degrees), edges[2] = {lon, lon};
        for (int side = 0; side < 2; side++)
            for (double at_lat = lat, at_lon = lon; at_lon == lon; edges[side] += side ? step : -step) {
                at_lat = lat;
                at_lon = edges[side];
                (void)grid_snap(size, &at_lat, &at_lon);
            }
        assert_true(distance_m(lat, edges[0], lat, edges[1]) > 0.99 * size);
        if (i % 3 == 0 && i > 60)
            i += 40;
    }
}

static void corners_of_the_world_have_cells(void **unused)
{
    (void)unused;
    const double corners[][2] = {{90, 0}, {-90, 180}, {0, 180}, {0, -180}, {90, 180}, {-90, -180}};
    for (unsigned c = 0; c < sizeof corners / sizeof *corners; c++)
        for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            double lat = corners[c][0], lon = corners[c][1];
            double error_m = grid_snap(sizes[s], &lat, &lon);
            assert_true(isfinite(error_m) && fabs(lat) <= 90 && fabs(lon) <= 180);
        }
    double lat = 12, lon = 34, error_m = grid_snap(1e9, &lat, &lon);
    assert_true(lat == 0 && lon == 0 && error_m <= 20004000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_truth_is_within_what_it_says),
        cmocka_unit_test(repeats_and_the_middle_itself_tell_the_same),
        cmocka_unit_test(no_cell_is_smaller_than_asked),
        cmocka_unit_test(corners_of_the_world_have_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
