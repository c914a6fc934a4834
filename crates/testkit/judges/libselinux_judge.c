/*
 * libselinux_judge FILE <QUESTIONS: what libselinux looks up in file contexts, one line of answer for each question.
 *
 *   KIND PATH        ok CONTEXT | none | error
 *
 * KIND is a letter of file_contexts (- d l c b s p) or 0 for a mode of 0; PATH is hexadecimal. `none` is ENOENT: no
 * line, or one that says <<none>>; `error` is all else.
 *
 * With a number behind FILE, the questions are asked that many times, and the nanoseconds of each round are printed
 * instead.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <selinux/label.h>
#include <selinux/selinux.h>

struct question {
	int mode;
	char *path;
};

static int mode_of(char letter)
{
	switch (letter) {
	case '-': return S_IFREG;
	case 'd': return S_IFDIR;
	case 'l': return S_IFLNK;
	case 'c': return S_IFCHR;
	case 'b': return S_IFBLK;
	case 's': return S_IFSOCK;
	case 'p': return S_IFIFO;
	default: return 0;
	}
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Turns `KIND HEX` into a mode and bytes, in place. */
static struct question read_question(char *line)
{
	struct question q = { mode_of(line[0]), line };
	char *from = line + 1, *to = line;

	while (*from == ' ')
		from++;
	for (; from[0] > ' ' && from[1] > ' '; from += 2)
		*to++ = (char)(digit(from[0]) * 16 + digit(from[1]));
	*to = '\0';
	return q;
}

static int quiet(int type, const char *format, ...)
{
	(void)type;
	(void)format;
	return 0;
}

static void measure(struct selabel_handle *handle, int rounds)
{
	struct question *all = NULL;
	size_t n = 0, capacity = 0, line_capacity = 0;
	char *line = NULL;

	while (getline(&line, &line_capacity, stdin) > 0) {
		if (n == capacity) {
			capacity = capacity ? 2 * capacity : 1024;
			all = realloc(all, capacity * sizeof(*all));
			if (!all)
				exit(1);
		}
		all[n] = read_question(line);
		all[n].path = strdup(all[n].path);
		n++;
	}
	for (int round = 0; round < rounds; round++) {
		struct timespec start, end;
		size_t found = 0;

		clock_gettime(CLOCK_MONOTONIC, &start);
		for (size_t i = 0; i < n; i++) {
			char *context;

			if (selabel_lookup_raw(handle, &context, all[i].path, all[i].mode) == 0) {
				found++;
				freecon(context);
			}
		}
		clock_gettime(CLOCK_MONOTONIC, &end);
		printf("%zu %lld %zu\n", n,
		       (end.tv_sec - start.tv_sec) * 1000000000LL + (end.tv_nsec - start.tv_nsec), found);
	}
}

int main(int argc, char **argv)
{
	struct selinux_opt path = { SELABEL_OPT_PATH, argc > 1 ? argv[1] : NULL };
	struct selabel_handle *handle;
	char *line = NULL;
	size_t capacity = 0;

	selinux_set_callback(SELINUX_CB_LOG, (union selinux_callback){ .func_log = quiet });
	if (argc < 2 || !(handle = selabel_open(SELABEL_CTX_FILE, &path, 1))) {
		fprintf(stderr, "cannot open %s: %s\n", argc > 1 ? argv[1] : "nothing", strerror(errno));
		return 1;
	}
	if (argc > 2) {
		measure(handle, atoi(argv[2]));
		return 0;
	}
	while (getline(&line, &capacity, stdin) > 0) {
		struct question q = read_question(line);
		char *context;

		errno = 0;
		if (selabel_lookup_raw(handle, &context, q.path, q.mode) == 0) {
			printf("ok %s\n", context);
			freecon(context);
		} else {
			puts(errno == ENOENT ? "none" : "error");
		}
	}
	return 0;
}
