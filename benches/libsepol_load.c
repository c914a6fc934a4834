/* libsepol_load FILE N: loads a policy N times with libsepol and prints the nanoseconds of each load.
 *
 * The counterpart of crates/policydb/examples/load.rs: the file is in memory before the clock starts, and what a
 * load has built is freed after it stops. sepol_policydb_read does nothing but call policydb_read. */

#include <sepol/policydb.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *bytes = NULL;
	long size;

	if (file && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0 && fseek(file, 0, SEEK_SET) == 0) {
		bytes = malloc((size_t)size);
		if (bytes && fread(bytes, 1, (size_t)size, file) != (size_t)size) {
			free(bytes);
			bytes = NULL;
		}
		*length = (size_t)size;
	}
	if (file)
		fclose(file);
	return bytes;
}

static long long nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char **argv)
{
	size_t length = 0;
	char *bytes = argc == 3 ? read_file(argv[1], &length) : NULL;

	if (!bytes) {
		fprintf(stderr, "usage: libsepol_load FILE N\n");
		return 2;
	}
	for (int rest = atoi(argv[2]); rest > 0; rest--) {
		sepol_policydb_t *policy;
		sepol_policy_file_t *file;
		long long start, end;

		if (sepol_policydb_create(&policy) || sepol_policy_file_create(&file))
			return 2;
		sepol_policy_file_set_mem(file, bytes, length);
		start = nanoseconds();
		if (sepol_policydb_read(policy, file)) {
			fprintf(stderr, "libsepol does not read %s\n", argv[1]);
			return 1;
		}
		end = nanoseconds();
		printf("%lld\n", end - start);
		sepol_policy_file_free(file);
		sepol_policydb_free(policy);
	}
	free(bytes);
	return 0;
}
