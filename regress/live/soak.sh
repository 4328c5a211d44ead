# A short time of load and faults at random moments: nothing is lost, nothing
# stays behind.  make soak does the same for ten minutes.
# run-as: any
SOAK_SECONDS=${SOAK_SECONDS:-20}
export SOAK_SECONDS
exec sh "$(dirname "$0")/../soak"
