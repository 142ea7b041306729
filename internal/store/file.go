package store

// File is the name of the database in the data folder.
const File = "tollgate.db"
