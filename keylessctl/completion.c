/* keylessctl: a completion script for bash, out of the tables of words. */
#include <stdio.h>

#include "compat.h"
#include "parser.h"

#define PATH_SIZE	64	/* of the words before, with a blank each */

/*
 * What does not depend on the tables.  The words on the line are walked
 * through as parse_command() does, short forms too; _keylessctl_words has
 * those that may follow others, spelled out.
 */
static const char *const script[] = {
	"# The word of those after it that $1 means.",
	"_keylessctl_meant()",
	"{",
	"	local typed=$1 found='' n=0 word",
	"	shift",
	"	for word; do",
	"		case $word in",
	"		\"$typed\")	echo \"$word\"; return ;;",
	"		\"$typed\"*)	found=$word; n=$((n + 1)) ;;",
	"		esac",
	"	done",
	"	[ \"$n\" -ne 1 ] || echo \"$found\"",
	"}",
	"",
	"_keylessctl()",
	"{",
	"	local cur=${COMP_WORDS[COMP_CWORD]} path='' file='' i meant",
	"	local words=$_keylessctl_options files=$_keylessctl_files word",
	"	COMPREPLY=()",
	"	for ((i = 1; i < COMP_CWORD; i++)); do",
	"		word=${COMP_WORDS[i]}",
	"		if [[ -n $file ]]; then",
	"			file=",
	"		elif [[ $word == -* ]]; then",
	"			# From the first option that takes a file on.",
	"			word=${word#\"${word%%[\"$files\"]*}\"}",
	"			[[ ${#word} -ne 1 ]] || file=yes",
	"		else",
	"			# shellcheck disable=SC2046",
	"			meant=$(_keylessctl_meant \"$word\" \\",
	"			    $(_keylessctl_words \"$path\"))",
	"			[[ -n $meant ]] || return 0",
	"			path=\"$path$meant \"",
	"		fi",
	"	done",
	"	if [[ -n $file ]]; then",
	"		compopt -o filenames -o default 2>/dev/null",
	"		mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")",
	"	elif [[ $cur == -* ]]; then",
	"		mapfile -t COMPREPLY < <(",
	"		    compgen -W \"$words\" -- \"$cur\")",
	"	else",
	"		words=$(_keylessctl_words \"$path\")",
	"		if [[ $words == '<file>' ]]; then",
	"			compopt -o filenames -o default 2>/dev/null",
	"			mapfile -t COMPREPLY < <(",
	"			    compgen -f -- \"$cur\")",
	"			return 0",
	"		fi",
	"		mapfile -t COMPREPLY < <(",
	"		    compgen -W \"$words\" -- \"$cur\")",
	"	fi",
	"}",
	"complete -F _keylessctl keylessctl",
};

/* The options, and the letters of those that take the name of a file. */
static void
put_options(FILE *f)
{
	const char	*p, *sep = "";

	fprintf(f, "_keylessctl_options='");
	for (p = OPTIONS; *p != '\0'; p++) {
		if (*p == ':')
			continue;
		fprintf(f, "%s-%c", sep, *p);
		sep = " ";
	}
	fprintf(f, "'\n_keylessctl_files='");
	for (p = OPTIONS; *p != '\0'; p++)
		if (p[1] == ':')
			putc(*p, f);
	fprintf(f, "'\n\n");
}

/* The words of a table, and those of the tables below it. */
static void
put_words(const struct token *table, const char *before, FILE *f)
{
	const struct token	*t;
	const char		*sep = "";
	char			 path[PATH_SIZE];

	fprintf(f, "\t'%s')\techo '", before);
	for (t = table; t->kind != TOKEN_END; t++) {
		if (t->kind == TOKEN_NUMBER)
			continue;
		fprintf(f, "%s%s", sep, t->kind == TOKEN_FILE ? "<file>" :
		    t->word);
		sep = " ";
	}
	fprintf(f, "' ;;\n");
	for (t = table; t->kind != TOKEN_END; t++) {
		if (t->next == NULL)
			continue;
		snprintf(path, sizeof(path), "%s%s ", before, t->word);
		put_words(t->next, path, f);
	}
}

void
completion_bash(FILE *f)
{
	size_t	 i;

	fprintf(f, "# bash completion for keylessctl, written by "
	    "\"keylessctl completion bash\".\n");
	put_options(f);
	fprintf(f, "# The words that may follow those of $1.\n"
	    "_keylessctl_words()\n{\n\tcase $1 in\n");
	put_words(commands, "", f);
	fprintf(f, "\tesac\n}\n\n");
	for (i = 0; i < nitems(script); i++)
		fprintf(f, "%s\n", script[i]);
}
